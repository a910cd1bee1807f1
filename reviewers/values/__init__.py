"""The frozen values that flow through a council: findings, opinions, verdicts, questions, advice."""
