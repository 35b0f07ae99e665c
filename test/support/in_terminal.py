"""Runs a command in a pseudo-terminal of its own and tells all that it wrote there, as JSON.

usage: in_terminal.py STEPS COMMAND...
STEPS are "TEXT=>ACTION" in a JSON list: once TEXT has appeared after the last step, ACTION is done: "columns N" changes the
window, anything else is typed. The output is a list of parts: {"text": ...} and, where the width changed, {"columns": N}.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

LONGEST_WAIT_S = 60


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


steps = [step.split("=>") for step in json.loads(sys.argv[1])]
pid, terminal = pty.fork()
if pid == 0:
    resize(0, 100)
    os.execvp(sys.argv[2], sys.argv[2:])
parts, text = [], b""
while True:
    ready, _, _ = select.select([terminal], [], [], LONGEST_WAIT_S)
    try:
        read = os.read(terminal, 65536) if ready else b""
    except OSError:
        read = b""
    if not read:
        break
    text += read
    if steps and steps[0][0].encode() in text:
        action = steps.pop(0)[1]
        parts.append({"text": text.decode(errors="replace")})
        text = b""
        if action.startswith("columns "):
            parts.append({"columns": int(action[8:])})
            resize(terminal, int(action[8:]))
        else:
            os.write(terminal, action.encode())
parts.append({"text": text.decode(errors="replace")})
_, status = os.waitpid(pid, 0)
print(json.dumps({"parts": parts, "code": os.waitstatus_to_exitcode(status), "left": len(steps)}))
