"""Doctor: what would break in which topology, from an image's Dockerfile and what the stack says of the service."""

from preflight.doctor_adapter import adapter, adapter_settings, snapshots
from preflight.doctor_base import architecture, base_image
from preflight.doctor_finding import Finding, Patient
from preflight.doctor_image import readable_files, user, writable_paths
from preflight.doctor_service import address, health_path, port
from preflight.doctor_start import entry_point

CHECKS = (
    base_image,
    architecture,
    user,
    readable_files,
    writable_paths,
    entry_point,
    address,
    port,
    health_path,
    adapter,
    adapter_settings,
    snapshots,
)


def examine(patient: Patient) -> list[Finding]:
    """Everything that was found, what breaks first."""
    found = [each for check in CHECKS for each in check(patient)]
    return sorted(found, key=lambda each: (not each.breaks, each.line or 0))
