#!/usr/bin/env node
process.stderr.write('worldline: the launcher is being built\n');
process.exitCode = 3;
