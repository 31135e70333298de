/* `completion`: what a shell completes. */
import type { Command } from "./types.ts";

/** Prints completions. */
export const COMPLETION: Command = {
  name: "completion",
  summary: "Print what bash, zsh or fish complete the command line by",
  about:
    "Prints a script for a shell: bash, zsh or fish. bash and zsh: source it when the shell starts, " +
    "or have zsh find it as _nanostreams in its $fpath. fish: put it into ~/.config/fish/completions.",
  operands: "bash|zsh|fish",
  flags: [],
  examples: [
    {
      line: "nanostreams completion bash > nanostreams.bash",
      about: "For bash: source nanostreams.bash in ~/.bashrc",
    },
    {
      line: "nanostreams completion zsh > _nanostreams",
      about: "For zsh: put it into a folder of $fpath",
    },
    {
      line: "nanostreams completion fish > nanostreams.fish",
      about: "For fish: put it into ~/.config/fish/completions",
    },
  ],
  load: () => import("../completion/completion.ts"),
};
