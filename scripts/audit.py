"""Compare what is locked with the known weaknesses (pip-audit), and say so when that could not be done.

pip-audit passes over what its index has no record of; behind a mirror without such records that is everything, and its
silence would read like a clean bill. Fails for a known weakness; with ONESTOP_AUDIT=strict also when anything was
passed over. What is vendored for the browser has no advisories here: `app/web/static/vendor/manifest.json` has names,
versions and digests, to be looked up by hand (`npm audit` needs the npm registry).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

LOCKED = Path(__file__).resolve().parent.parent / "requirements.lock"
TOOL = Path(sys.executable).with_name("pip-audit")


def main() -> int:
    command = [TOOL, "--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json", "-r", LOCKED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        print(done.stderr.strip(), file=sys.stderr)
        print("audit: the known weaknesses could not be reached; nothing was compared.", file=sys.stderr)
        return int(strict())
    weak = [each for each in found if each.get("vulns")]
    passed_over = [each for each in found if "skip_reason" in each]
    for each in weak:
        print(f"{each['name']} {each['version']}: {', '.join(weakness['id'] for weakness in each['vulns'])}")
    print(
        f"audit: {len(found) - len(passed_over)} of {len(found)} packages compared, {len(weak)} with known weaknesses."
    )
    return int(bool(weak) or (strict() and bool(passed_over)))


def strict() -> bool:
    return os.environ.get("ONESTOP_AUDIT") == "strict"


if __name__ == "__main__":
    sys.exit(main())
