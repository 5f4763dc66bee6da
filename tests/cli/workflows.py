"""Workflows that several of these tests run."""


def workflow(tasks, name="tested", **more):
    head = f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0'}}\n"
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    return head + extra + "do:\n" + tasks


SET = workflow("  - answer: {set: {answer: 42}}\n", "quick")
FAULT = workflow(
    "  - fail: {raise: {error: {type: 'https://example.com/errors/odd', status: 418, title: Odd}}}\n", "doomed"
)
WAIT = workflow(
    "  - before: {set: {x: 1}}\n"
    "  - pause: {wait: {seconds: 60}}\n"
    "  - after: {set: {done: true}}\n",
    "patient",
)


def shell(command, name="shelled"):
    """One task that runs a command of the shell; its output is the run's."""
    quoted = command.replace("'", "''")
    return workflow(f"  - work: {{run: {{shell: {{command: '{quoted}'}}}}}}\n", name)


def counted(counter, seconds, name="counted"):
    """Adds a line to the file `counter`, then waits, then adds another: an effect must not happen twice."""
    return workflow(
        f"  - first: {{run: {{shell: {{command: 'echo first >> {counter}'}}}}}}\n"
        f"  - pause: {{wait: {{milliseconds: {int(seconds * 1000)}}}}}\n"
        f"  - second: {{run: {{shell: {{command: 'echo second >> {counter}'}}}}}}\n"
        "  - last: {set: {done: true}}\n",
        name,
    )
