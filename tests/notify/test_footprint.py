"""What serves carries nothing of the library that sends to groups and gateways: it is the sending process's alone."""

import subprocess
import sys


def test_the_program_knows_apprise_only_in_the_process_that_sends_by_it():
    asked = "import sys, app.main, app.jobs; print(sorted({'apprise', 'requests', 'urllib3'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
