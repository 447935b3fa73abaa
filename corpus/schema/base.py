"""What all tables share.

Dates are stored as integers YYYYMMDD: 0 = unknown start, 99991231 = in force.
"""

from __future__ import annotations

from sqlalchemy import MetaData

VERSION = 2  # raised whenever a table changes: an edition of another version is rebuilt
IN_FORCE = 99991231
UNKNOWN = 0
SETTINGS = {"practitioner": 1, "facility": 2, "dme": 3}

# In a table without rowid the columns of the primary key come first: SQLite 3.40 takes others for damaged in `quick_check`.
metadata = MetaData()
