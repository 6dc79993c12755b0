"""Figures by mail: a question that somebody keeps, and its answer every day, week or month.

What can be asked, and what a mail says, is a `View` of a room above; this one keeps questions and sends answers.
"""
