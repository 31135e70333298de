/* Completions for zsh, by its function `_arguments`. */
import type { Command, Flag } from "../spec/types.ts";
import { HELP_FLAGS, operandOf, SCHEMES, type Value, valueOf } from "./words.ts";

/** The script: to be sourced, or found in `$fpath` as `_nanostreams`. */
export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef nanostreams
# zsh completion of nanostreams. Made by: nanostreams completion zsh

_nanostreams_address() {
  compadd -S '' -- ${SCHEMES.join(" ")}
}

_nanostreams_subcommand() {
  local -a subcommands
  subcommands=(
${described.join("\n")}
    'help:Show all flags of a subcommand'
  )
  _describe -t commands subcommand subcommands
}

_nanostreams() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '(- *)'{-h,--help}'[Show the subcommands]' '(- *)'{-V,--version}'[Show the version]' \\
    '1:subcommand:_nanostreams_subcommand' '*::argument:->rest'
  [[ $state == rest ]] || return
  curcontext="\${curcontext%:*}-$words[1]:"
  case $words[1] in
${commands.map(caseOf).join("\n")}
    help) _arguments '1:subcommand:_nanostreams_subcommand' ;;
  esac
}

if [[ $funcstack[1] == _nanostreams ]]; then
  _nanostreams "$@"
else
  compdef _nanostreams nanostreams
fi
`;
}

function caseOf(command: Command): string {
  const specs = [
    ...[...command.flags, ...HELP_FLAGS].map(specOf),
    quoted(`*:${plain(command.operands)}:${actionOf(operandOf(command))}`),
  ];
  return `    ${command.name})
      _arguments -s \\
${specs.map((spec) => `        ${spec}`).join(" \\\n")} ;;`;
}

/** `'(-d --data)'{-d,--data=}'[Send TEXT]:TEXT:'` */
function specOf(flag: Flag): string {
  const { name, short, argument, isOptional, repeats, help } = flag;
  const long = `--${name}${argument === undefined ? "" : isOptional ? "=-" : "="}`;
  const brief = `-${short}${argument === undefined ? "" : "+"}`;
  const value = valueOf(flag);
  const message = `[${plain(help)}]${
    value === undefined ? "" : `${isOptional ? "::" : ":"}${argument}:${actionOf(value)}`
  }`;
  const times = repeats ? "*" : "";
  if (short === undefined) return quoted(`${times}${long}${message}`);
  const apart = repeats ? quoted("*") : quoted(`(-${short} --${name})`);
  return `${apart}{${brief},${long}}${quoted(message)}`;
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "file":
      return "_files";
    case "command":
      return "_cmdstring";
    case "address":
      return "_nanostreams_address";
    case "anything":
      return "";
  }
}

/** Text between brackets or colons. */
function plain(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
