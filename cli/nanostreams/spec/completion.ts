/* `completion`: what a shell completes. */
import type { Command } from "./types.ts";

/** Prints completions. */
export const COMPLETION: Command = {
  name: "completion",
  summary: "Print a completion script for bash, zsh or fish",
  about: "Prints a script that completes subcommands, flags and their values, addresses and files.",
  operands: "bash|zsh|fish",
  flags: [],
  examples: [
    {
      line: "nanostreams completion bash",
      about: "For bash, in ~/.bashrc: source <(nanostreams completion bash)",
    },
    {
      line: "nanostreams completion zsh",
      about: "For zsh, in ~/.zshrc after compinit: source <(nanostreams completion zsh)",
    },
    {
      line: "nanostreams completion fish",
      about: "For fish: write it to ~/.config/fish/completions/nanostreams.fish",
    },
  ],
  load: () => import("../completion/completion.ts"),
};
