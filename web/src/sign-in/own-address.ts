/**
 * Where to go after signing in: only back into this product, for an address of elsewhere in a link is somebody's trick.
 * Browsers drop tabs and line breaks inside an address, so "/\t/evil.example" would lead away too: they read it here.
 */
export function ownAddress(next: string | undefined, origin: string = location.origin): string {
  if (next === undefined || !URL.canParse(next, origin)) return '/'
  // Whole, since a path of its own may begin with two slashes.
  const url = new URL(next, origin)
  return url.origin === origin ? url.href : '/'
}
