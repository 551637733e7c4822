"""Good habits of circuits that measure, reset and branch: what their bits, wires and conditions can be."""

from qverify.hygiene.branches import Explored, explored, same_arms
from qverify.hygiene.coins import Steering, steering_measurements
from qverify.hygiene.flow import Flow, flow_of
from qverify.hygiene.memory import dead_writes, reads_of_nothing, steered_by
from qverify.hygiene.program import Branch, Program, Step, executions, program_of
from qverify.hygiene.tally import Tally

__all__ = [
    "Branch",
    "Explored",
    "Flow",
    "Program",
    "Steering",
    "Step",
    "Tally",
    "dead_writes",
    "executions",
    "explored",
    "flow_of",
    "program_of",
    "reads_of_nothing",
    "same_arms",
    "steered_by",
    "steering_measurements",
]
