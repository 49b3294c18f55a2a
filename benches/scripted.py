"""The scripted server as the bench sees it: builds, starts and asks it for the truth."""

import datetime as dt
import ipaddress
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SOURCE = Path(__file__).parent / "server" / "main.c"
NS = 1e-9


@dataclass(frozen=True, slots=True)
class Truth:
    """What the server did for one request. Moments are CLOCK_MONOTONIC in s, after the send returned.

    None = it did not come to that. cold: the first request of its connection. requested_s: the request was
    whole. late_s: how far behind its timetable the first token left; worst_late_s: the worst of all writes
    of the answer. sending_s: how long the send of the first token took, that is how far the truth itself may
    be off.
    """

    id: int
    cold: bool
    requested_s: float
    first_token_s: float | None
    end_s: float | None
    sending_s: float
    late_s: float
    worst_late_s: float

    @classmethod
    def from_row(cls, row: str) -> "Truth":
        """row: a line as `print_rows` of server/main.c writes it."""
        numbers = [int(part) for part in row.split(",")]
        probe_id, cold, _accepted, complete, _headers, before, token, end, late, worst = numbers
        return cls(
            id=probe_id,
            cold=bool(cold),
            requested_s=complete * NS,
            first_token_s=token * NS or None,
            end_s=end * NS or None,
            sending_s=(token - before) * NS,
            late_s=late * NS,
            worst_late_s=worst * NS,
        )


class ScriptedServer:
    """A running server. `root(tls=…)` is what its URLs start with."""

    def __init__(self, binary: Path, core: int | None, certificate: tuple[Path, Path] | None = None) -> None:
        """core: the processor it is bound to, None = any. certificate: (certificate, key), None = no TLS."""
        self._process = subprocess.Popen(
            [str(binary), *(str(path) for path in certificate or ())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})
        words = self._read_line().split(maxsplit=3)
        if words[:1] != ["listening"]:
            raise RuntimeError(f"the bench server did not start: {words}")
        self._ports = {False: int(words[1]), True: int(words[2])}
        self.scheduling = words[3]

    def root(self, *, tls: bool = False) -> str:
        return f"{'https' if tls else 'http'}://127.0.0.1:{self._ports[tls]}"

    def take(self) -> list[Truth]:
        """The truth of every answer since the last call, in the order in which they ended."""
        stdin = self._process.stdin
        if stdin is None:
            raise RuntimeError("the bench server has no input")
        stdin.write("take\n")
        stdin.flush()
        rows = []
        while (line := self._read_line()) != "end":
            rows.append(Truth.from_row(line))
        return rows

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()

    def _read_line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the bench server ended with code {self._process.wait()}")
        return line.rstrip("\n")


def build(folder: Path, *, tls: bool) -> Path:
    """Compile the server into `folder`.

    CalledProcessError shows what the compiler said; TLS needs libssl-dev.
    """
    binary = folder / "bench-server"
    flags = ["-DWITH_TLS"] if tls else []
    libraries = ["-lssl", "-lcrypto"] if tls else []
    subprocess.run(["gcc", "-O2", *flags, "-o", str(binary), str(SOURCE), *libraries], check=True)
    return binary


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) for 127.0.0.1, signed by itself, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "AI-GO bench")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
