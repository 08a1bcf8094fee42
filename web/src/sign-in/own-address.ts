/**
 * Returns the address to open after signing in. Only addresses of this application are allowed, because a link could name a foreign one.
 * Browsers ignore tabs and line breaks in addresses, so "/\t/evil.example" would also be foreign; `URL` reads an address as browsers do.
 */
export function ownAddress(next: string | undefined, origin: string = location.origin): string {
  if (next === undefined || !URL.canParse(next, origin)) return '/'
  // The full address is returned, because a path of our own may begin with two slashes.
  const url = new URL(next, origin)
  return url.origin === origin ? url.href : '/'
}
