"""The programs that lvstop brings to a director, played: the same verbs, the same sections, the same errors."""
