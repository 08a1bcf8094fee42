import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Networks without public platforms: private, link-local, loopback, documentation, multicast, translated (RFC 6890). */
const closed = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  closed.addSubnet(network, bits, 'ipv6')

/** The only part of IPv6 for public use. Mapped, translated and local addresses are outside it. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return !closed.check(address, 'ipv4')
  return version === 6 && global6.check(address, 'ipv6') && !closed.check(address, 'ipv6')
}

/** An error before anything was sent. Its code is that of a failed look-up, so that it reveals nothing about our network. */
export class NotPublic extends Error {
  readonly code = 'ENOTFOUND'
}

/**
 * Resolves a host for the connection that is being made, so that its name cannot resolve to another address after a check. One address that
 * is not public is enough to refuse the host.
 */
export const publicOnly: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return done(error, '')
    const [first] = found
    if (!first || !found.every(({ address }) => isPublicAddress(address)))
      return done(new NotPublic('The host has no public address.'), '')
    if (options.all) return done(null, found)
    return done(null, first.address, first.family)
  })
}

/** Throws for an IP address that is not public. An IP address is never looked up, so `publicOnly` does not check it. */
export function assertPublicHost(hostname: string): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0 && !isPublicAddress(bare)) throw new NotPublic('The address is not public.')
}

/** True for a simulator's URL: plain http or ws on this machine. */
export function isThisMachine({ protocol, hostname }: URL): boolean {
  return /^(http|ws):$/.test(protocol) && /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname)
}
