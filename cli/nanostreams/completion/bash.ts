/* Completions for bash, 3.2 or newer. */
import type { Command, Flag } from "../spec/types.ts";
import { HELP_FLAGS, operandOf, SCHEMES, type Value, valueOf } from "./words.ts";

/** The script. */
export function bashScript(commands: readonly Command[]): string {
  return `# bash completion of nanostreams. Made by: nanostreams completion bash
_nanostreams() {
  local IFS=$'\\n'
  local word=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]} equals= flags= value=
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $word == = ]]; then
    word= equals==
  elif [[ $flag == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD-2]} equals==
  fi
  if ((COMP_CWORD == 1)); then
    value='words ${[...commands.map(({ name }) => name), "help", "--help", "--version"].join(" ")}'
  else
    case \${COMP_WORDS[1]} in
${commands.map(caseOf).join("\n")}
      help) value='words ${commands.map(({ name }) => name).join(" ")}' ;;
    esac
    [[ $word == -* && -z $equals ]] && value="words $flags"
  fi
  case $value in
    'words '*) COMPREPLY=($(IFS=' '; compgen -W "\${value#words }" -- "$word")) ;;
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
    command) COMPREPLY=($(compgen -c -- "$word")) ;;
    address)
      compopt -o nospace 2>/dev/null
      COMPREPLY=($(IFS=' '; compgen -W '${SCHEMES.join(" ")}' -- "$word")) ;;
  esac
}
complete -F _nanostreams nanostreams
`;
}

function caseOf(command: Command): string {
  const flags = [...command.flags, ...HELP_FLAGS];
  const names = flags.flatMap((flag) => [`--${flag.name}`, ...shortOf(flag)]);
  return `      ${command.name})
        flags='${names.join(" ")}'
        case $flag$equals in
${valueCases(flags).join("\n")}
          *) value='${shown(operandOf(command))}' ;;
        esac ;;`;
}

/** What stands behind flags, those with the same together. */
function valueCases(flags: readonly Flag[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const flag of flags) {
    const value = valueOf(flag);
    if (value === undefined) continue;
    // An argument that may be left out stands behind an equals sign.
    const names = flag.isOptional
      ? [`--${flag.name}=`]
      : [`--${flag.name}`, `--${flag.name}=`, ...shortOf(flag)];
    const key = shown(value);
    patterns.set(key, [...patterns.get(key) ?? [], ...names]);
  }
  return [...patterns].map(([value, names]) => `          ${names.join("|")}) value='${value}' ;;`);
}

function shortOf({ short }: Flag): string[] {
  return short === undefined ? [] : [`-${short}`];
}

function shown(value: Value): string {
  return value.kind === "words" ? `words ${value.words.join(" ")}` : value.kind;
}
