"""``flask`` commands of core, a file a group. Each says what it did, or ends non-zero with one clear line."""
