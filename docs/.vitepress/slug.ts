/** The anchor of a heading, as GitHub makes it: so a link works on the site and in the repository. */
export function slug(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replaceAll(
      /\s/g,
      "-",
    );
}
