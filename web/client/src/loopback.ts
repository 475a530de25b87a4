/**
 * Tells whether a server is on this machine, by its address or, without one, by that
 * of the page. What the browser says of the network does not count for it then.
 */
export function isLoopback(baseUrl: string): boolean {
  const page = typeof location === 'undefined' ? undefined : location.href
  if (!URL.canParse(baseUrl, page)) return false
  const host = new URL(baseUrl, page).hostname
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
