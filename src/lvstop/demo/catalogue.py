"""Which programs an embedded director knows: those that lvstop ships, by their whole text."""

from typing import Final

from lvstop.actions import programs as acting
from lvstop.demo.programs.act import act_program
from lvstop.demo.programs.conns import ConnsProgram
from lvstop.demo.programs.facts import facts_program
from lvstop.demo.programs.journal import JournalProgram
from lvstop.demo.programs.moves import MovesProgram
from lvstop.demo.programs.pulse import PulseProgram
from lvstop.demo.programs.sound import sound_program
from lvstop.demo.programs.table import CatProgram, TableProgram
from lvstop.demo.shell import MakeProgram
from lvstop.probe import programs as reading

PROGRAMS: Final[dict[str, MakeProgram]] = {
    reading.table().script: TableProgram,
    reading.table_cat().script: CatProgram,
    reading.facts().script: facts_program,
    reading.journal().script: JournalProgram,
    reading.sound().script: sound_program,
    reading.conns().script: ConnsProgram,
    reading.moves().script: MovesProgram,
    reading.pulse().script: PulseProgram,
    acting.act().script: act_program,
}
