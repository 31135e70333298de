/** The usage text of nngcat, word for word nng's: wrappers look into it for what this nngcat can do. */

type Row = readonly [head: string, note?: string];

const alias = (head: string, name: string): Row => [head, `(or alias ${name})`];

const SECTIONS: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  {
    title: "<proto> must be one of:",
    rows: [
      ...["req", "rep", "pub", "sub", "push", "pull", "surveyor", "respondent"].map((name) =>
        alias(`--${name}0`, `--${name}`)
      ),
      ["--pair0"],
      ["--pair1"],
      ["--pair", "(alias for either pair0 or pair1)"],
    ],
  },
  {
    title: "<addr> must be one or more of:",
    rows: [
      alias("--dial <url>", "--connect <url>"),
      alias("--listen <url>", "--bind <url>"),
      alias("--bind-local <port>", "-L <port>"),
      alias("--connect-local <port>", "-l <port>"),
      alias("--bind-ipc <path>", "-X <path>"),
      alias("--connect-ipc <path>", "-x <path>"),
    ],
  },
  {
    title: "<fmt> may be one or none of:",
    rows: [
      ["--format <no|ascii|hex|msgpack|quoted|raw>"],
      alias("--ascii", "-A"),
      alias("--quoted", "-Q"),
      ["--hex"],
      ["--msgpack"],
      ["--raw"],
    ],
  },
  {
    title: "<opts> may be any of:",
    rows: [
      ["--subscribe <topic>", "(only with --sub protocol)"],
      alias("--silent", "-q"),
      alias("--verbose", "-v"),
      alias("--count <num>", "-C <num>"),
      alias("--delay <secs>", "-d <secs>"),
      alias("--interval <secs>", "-i <secs>"),
      ["--recv-timeout <secs>"],
      ["--send-timeout <secs>"],
      alias("--recv-maxsz <size>", "-Z <size>"),
      ["--compat"],
      ["--async"],
      alias("--insecure", "-k"),
      ["--cacert <file>"],
      alias("--cert <file>", "-E <file>"),
      ["--key <file>"],
      ["--zt-home <path>"],
    ],
  },
  {
    title: "<src> may be one of:",
    rows: [
      ["--file <file>", "(or alias -F <file>). Use - for standard input."],
      alias("--data <data>", "-D <data>"),
    ],
  },
];

/** What stands left of the notes. */
const COLUMN = 23;

/** The text of `--help`. */
export function helpText(): string {
  const sections = SECTIONS.map(({ title, rows }) => {
    const lines = rows.map(([head, note]) =>
      note === undefined ? `  ${head}\n` : `  ${head.padEnd(COLUMN)}${note}\n`
    );
    return `\n${title}\n${lines.join("")}`;
  });
  return `Usage: nngcat <proto> <addr>... [<fmt>] [<opts>...] [<src>]\n${sections.join("")}`;
}
