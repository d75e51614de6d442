"""What must hold, decided from what the harness wrote and what its receiver got; nothing of the product is asked but how
many bytes it says it has lost."""
from receiver import GONE


class Difference:
    def __init__(self, kind, number, detail):
        self.kind, self.number, self.detail = kind, number, detail

    def __str__(self):
        return f"{self.kind}: line {self.number}: {self.detail}"


def differences(written, arrived, said_lost):
    return [*wrong_deliveries(arrived), *wrong_detections(written, arrived), *wrong_losses(written, arrived, said_lost)]


def wrong_deliveries(arrived):
    """A key stands for one message: repeats are that message again, and come at once, when the daemon did not get to note
    that it was taken. (Ids are computed from a line's place: a line that is read twice would repeat its keys later.)"""
    first, repeatable = {}, {}
    for at, (key, answer, incident) in enumerate(arrived):
        if answer != GONE and at - repeatable.get(key, at) > 2:
            yield Difference("told again later", incident["entity"]["value"], f"{key}, delivery {repeatable[key]} and {at}")
        if answer == 200 or key in repeatable:
            repeatable[key] = at
    for key, _, incident in arrived:
        number = incident["entity"]["value"]
        if key != f'{incident["incident"]}/{incident["change_number"]}':
            yield Difference("wrong key", number, f"{key} for {incident['incident']}, change {incident['change_number']}")
        if first.setdefault(key, incident) != incident:
            yield Difference("different message under one key", number, f"{key}: {first[key]} and {incident}")
    taken = set()
    for key, answer, incident in arrived:
        if incident["change"] == "resolved" and f'{incident["incident"]}/1' not in taken:
            yield Difference("resolved before it was opened", incident["entity"]["value"], key)
        if answer == 200:
            taken.add(key)


def wrong_detections(written, arrived):
    incidents, counts, evidence = {}, {}, {}
    for _, _, incident in arrived:
        number = int(incident["entity"]["value"])
        incidents.setdefault(number, {})[incident["incident"]] = incident
        counts[number] = max(counts.get(number, 0), incident["count"])
        evidence[number] = incident["evidence"]
    for number in sorted(incidents):
        line = written.get(number)
        if line is None:
            yield Difference("never written", number, incidents[number])
        elif len(incidents[number]) > 1:
            where = [[(piece["source"], piece["offset"]) for piece in one["evidence"]] for one in incidents[number].values()]
            yield Difference("told twice", number, f"incidents {list(incidents[number])} from {where}; {line}")
        elif counts[number] != 1:
            yield Difference("counted twice", number, f"{counts[number]} times, {evidence[number]}; {line}")
        elif evidence[number][0]["offset"] != line.offset:
            yield Difference("wrong place", number, f"offset {evidence[number][0]['offset']}; {line}")


def wrong_losses(written, arrived, said_lost):
    got = {int(incident["entity"]["value"]) for _, _, incident in arrived}
    lost_bytes = 0
    for number, line in written.items():
        if number in got and not line.is_cut:
            continue
        if line.may_be_lost:
            lost_bytes += len(line.text) + 1
        else:
            yield Difference("lost", number, line)
    if said_lost > lost_bytes:
        yield Difference("said to be lost and is not", 0, f"{said_lost} bytes by triaged, {lost_bytes} in truth")
