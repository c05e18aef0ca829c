"""Known vulnerabilities in what requirements.lock names; skipped, with its reason, where no list is in reach."""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
OPTIONS = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "--timeout=10")


def main() -> int:
    """1 when something is known to be vulnerable."""
    command = [sys.executable, "-m", "pip_audit", *OPTIONS, f"--requirement={LOCK}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        audited = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"the audit is skipped: {(ran.stderr.strip() or 'pip-audit says nothing').splitlines()[-1]}")
        return 0
    unknown = [each for each in audited if "skip_reason" in each]
    guilty = [(each["name"], each["version"], flaw["id"]) for each in audited for flaw in each.get("vulns", ())]
    for name, version, flaw in guilty:
        print(f"{name} {version}: {flaw}")
    if unknown:
        print(f"{len(unknown)} of {len(audited)} packages could not be audited: {unknown[0]['skip_reason']}")
    if not guilty and len(unknown) < len(audited):
        print(f"nothing is known against {len(audited) - len(unknown)} packages")
    return 1 if guilty else 0


if __name__ == "__main__":
    sys.exit(main())
