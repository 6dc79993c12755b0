"""What applicants think of what was done: they are asked once; who is dissatisfied is called back and answered."""
