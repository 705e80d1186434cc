"""The recorder: does in network namespaces of its own what it is told, one JSON request a line, one answer a line.

  create {machines}                     namespaces
  run [{machine, command, stdin}...]    command lines or words, one after the other -> [{code, stdout, stderr}]
  sysctl {machine, values}              -> what was refused
  serve {servers} / play {probes, events, end, settle, isTraced} -> what was seen
  close                                 forgets the namespaces; others may follow
"""
import json
import os
import sys

import spaces


class Recorder:
    def __init__(self):
        self.spaces, self.traffic, self.drops = spaces.Spaces(), None, None

    def create(self, asked):
        self.spaces.create(asked['machines'])

    def run(self, asked):
        return [self.spaces.run(one['machine'], one['command'], one.get('stdin')) for one in asked['commands']]

    def sysctl(self, asked):
        return [self.spaces.sysctl(one['machine'], one['values']) for one in asked['settings']]

    def serve(self, asked):
        from drops import Drops
        from traffic import Traffic
        self.drops = self.drops or Drops()
        self.traffic = Traffic(self.spaces, self.drops)
        self.traffic.serve(asked['servers'])

    def play(self, asked):
        self.traffic.watch(asked['isTraced'])
        seen = self.traffic.play(asked)
        self.traffic = None
        return seen

    def close(self, _):
        if self.traffic:
            self.traffic.stop()
            self.traffic = None
        self.spaces.close()


def main():
    spaces.isolate(int(sys.argv[1]))
    recorder = Recorder()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {'value': getattr(recorder, asked['do'])(asked)}
        except Exception as error:
            import traceback
            answer = {'error': str(error) or type(error).__name__, 'trace': traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
