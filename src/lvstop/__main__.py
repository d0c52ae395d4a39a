"""`python -m lvstop` is the `lvstop` command."""

import sys

from lvstop.cli.main import main

sys.exit(main())
