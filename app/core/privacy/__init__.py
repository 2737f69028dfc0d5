"""Personal data: for how long each kind is kept, and what becomes of it then.

Modules register kinds (``kinds``); ``running`` works them off, ``pages`` lets administrators decide.
"""
