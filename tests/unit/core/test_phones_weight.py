"""What reading numbers costs a web worker when it starts."""

from __future__ import annotations

import subprocess
import sys


def test_the_heavy_data_of_libphonenumber_stays_unloaded() -> None:
    program = (
        "import sys; from app.core.phones import classify, format_display, is_emergency, read_numbers;"
        "classify('02214710123'); read_numbers('0221 4710-0 oder -57'); format_display('+492214710123');"
        "is_emergency('112');"
        "print([name for name in sys.modules if name.startswith(('phonenumbers.geo', 'phonenumbers.carrier',"
        " 'phonenumbers.timezone', 'phonenumbers.tzdata', 'phonenumbers.carrierdata'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
