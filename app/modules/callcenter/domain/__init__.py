"""What a call is, who should see it, what may be dialled. Pure: no Flask, no database, no clock."""
