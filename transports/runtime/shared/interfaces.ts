/** Binds every interface: the IPv6 one that takes IPv4 too, or on a machine without IPv6 the IPv4 one. */
export function bindEveryInterface<Listener>(bind: (host: string) => Listener): Listener {
  try {
    return bind("::");
  } catch (error) {
    if ((error as { code?: unknown }).code === "EADDRINUSE") throw error;
    return bind("0.0.0.0");
  }
}
