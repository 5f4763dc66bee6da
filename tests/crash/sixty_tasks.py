"""A definition of sixty tasks of every kind that touches time or the outside world, and what it must give."""
import re

DOCUMENT = """\
document: {dsl: '1.0.3', namespace: crash, name: sixty-tasks, version: '1.0.0'}
do:
"""


def call(name, path, indent, body=None, output=None):
    """A task that posts to the stand-in's CRM (idempotent there, counted in its ledger)."""
    lines = [
        f"- {name}:",
        "    call: http",
        "    with:",
        "      method: post",
        f"      endpoint: '${{ $workflow.input.service + \"{path}\" }}'",
        f"      body: {body or '{email: ' + name + '@example.com, name: ' + name + '}'}",
        "    output:",
        f"      as: '${{ {output or '$input + {' + name + ': .email}'} }}'",
    ]
    return "".join(" " * indent + line + "\n" for line in lines)


def definition():
    """Ten groups of six tasks each: set, http, wait, try around http, for, fork."""
    text = DOCUMENT
    for group in range(10):
        text += f"  - set{group}:\n      set: '${{ . + {{step: {group}, list: ((.list // []) + [{group}])}} }}'\n"
        text += call(f"call{group}", "/crm/contacts", 2)
        text += f"  - pause{group}:\n      wait: {{milliseconds: {5 + 7 * (group % 3)}}}\n"
        text += f"  - guarded{group}:\n      try:\n"
        text += call(f"tried{group}", "/crm/contacts", 8)
        text += (
            "      catch:\n        errors: {with: {status: 503}}\n"
            "        retry: {delay: {milliseconds: 10}, backoff: {exponential: {}}, limit: {attempt: {count: 8}}}\n"
        )
        text += f"  - loop{group}:\n      for: {{each: n, in: '[1, 2]'}}\n      do:\n"
        text += call(
            f"each{group}", "/crm/contacts", 8,
            body="{email: '${ \"loop" + str(group) + "-\\($n)@example.com\" }', name: loop}",
            output="$input + {sum: (($input.sum // 0) + $n)}",
        )
        text += f"  - both{group}:\n      fork:\n        branches:\n"
        text += call(f"left{group}", "/crm/contacts", 10, output=".email")
        text += f"          - right{group}:\n              do:\n                - nap{group}:\n                    wait: {{milliseconds: 3}}\n"
        text += f"                - done{group}:\n                    set: {{right: {group}}}\n"
        text += f"      output:\n        as: '$input + {{both{group}: .}}'\n"
    return text


def expected(service):
    """The output, whatever happened on the way."""
    output = {"service": service, "step": 9, "list": list(range(10)), "sum": 30}
    for group in range(10):
        output[f"call{group}"] = f"call{group}@example.com"
        output[f"tried{group}"] = f"tried{group}@example.com"
        output[f"both{group}"] = [f"left{group}@example.com", {"right": group}]
    return output


def count_tasks():
    return len(re.findall(r"^ *- \w+:$", definition(), re.M))
