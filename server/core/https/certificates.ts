import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Config } from '../../config.ts'
import { sharedMs } from '../../lib/clock.ts'
import { StartError } from '../../lib/stopping.ts'

/** A certificate with less than this time left is replaced. */
const renewMs = 30 * 24 * 60 * 60 * 1000

export type Certificates = {
  /** The server's certificate and its private key as PEM. */
  server: string
  /** The local authority's certificate as PEM, for devices to trust. Undefined if the installation was given a certificate. */
  authority: string | undefined
}

/**
 * Reads the certificate that was given, or makes the missing files: the authority, again only if it ends within a month, and a certificate
 * for all names and addresses of this machine, again if these have changed or the certificate ends within a month. Call it again to renew;
 * it returns the same certificates while nothing has changed.
 */
export async function readCertificates(
  { dataDir, publicUrl, tls }: Pick<Config, 'dataDir' | 'publicUrl'> & { tls: NonNullable<Config['tls']> },
  now = sharedMs(),
): Promise<Certificates> {
  if (tls !== 'local') return { server: await readGiven(tls), authority: undefined }
  const path = authorityPath({ dataDir, publicUrl })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const own = hostOf(publicUrl)
  const authority = await keep(
    path,
    (pem) => lasts(pem, now),
    async () => (await import('./authority.ts')).makeAuthority([own], now),
  )
  const hosts = [...new Set([own, ...hostsOfThisMachine()])]
  const server = await keep(
    join(dirname(path), 'server.pem'),
    (pem) => lasts(pem, now) && fits(pem, hosts, authority),
    async () => (await import('./authority.ts')).makeCertificate(authority, hosts, now),
  )
  return { server, authority: new X509Certificate(authority).toString() }
}

/** Returns the file of the local authority. An authority signs for one public name only, so another name gets another authority. */
export function authorityPath({ dataDir, publicUrl }: Pick<Config, 'dataDir' | 'publicUrl'>): string {
  const own = hostOf(publicUrl)
  const file = isInside(own) ? 'authority.pem' : `authority.${own.replaceAll(':', '_')}.pem`
  return join(dataDir, 'keys', 'https', file)
}

const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '')

/** SHA-256 of the certificate, as devices show it: a person compares it before trusting the authority. */
export const fingerprint = (certificate: string) => new X509Certificate(certificate).fingerprint256

/** Returns the text of the file; if it is missing or not good any more, makes another one. A reader never finds an incomplete file. */
async function keep(
  path: string,
  isGood: (pem: string) => boolean,
  make: () => Promise<string>,
): Promise<string> {
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (kept !== undefined && isGood(kept)) return kept
  const pem = await make()
  await writeFile(`${path}.new`, pem, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return pem
}

async function readGiven({
  certificatePath,
  keyPath,
}: Exclude<Config['tls'], 'local' | undefined>): Promise<string> {
  try {
    const pem = `${await readFile(certificatePath, 'utf8')}\n${await readFile(keyPath, 'utf8')}`
    createSecureContext({ cert: pem, key: pem })
    return pem
  } catch (error) {
    throw new StartError(
      `TLS_CERT 与 TLS_KEY 读不出或不配对 · TLS_CERT and TLS_KEY cannot be read or do not fit: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** The end of the certificate that the installation was given. @throws {StartError} if it cannot be read */
export async function certificateEnd(tls: Exclude<Config['tls'], 'local' | undefined>): Promise<Date> {
  return new X509Certificate(await readGiven(tls)).validToDate
}

/** Names and addresses by which other devices of the network reach this machine. */
function hostsOfThisMachine(): string[] {
  const name = hostname().toLowerCase()
  const names = /^[a-z0-9-]+$/.test(name) ? [`${name}.local`] : []
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, address }) => family === 'IPv4' && isInside(address))
    .map(({ address }) => address)
  return ['localhost', '127.0.0.1', ...names, ...addresses.toSorted()]
}

/** True for an address or a name inside a network, for which every authority of ours may sign. */
const isInside = (host: string) =>
  /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$|(^localhost|\.(local|lan|internal|home\.arpa))$/.test(
    host,
  )

const lasts = (pem: string, now: number) => new X509Certificate(pem).validToDate.getTime() - now > renewMs

function fits(pem: string, hosts: readonly string[], authority: string): boolean {
  const own = new X509Certificate(pem)
  // An IPv6 address is written in several ways, so addresses are compared by their bytes.
  const isNamed = (host: string) => (isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host)) !== undefined
  return own.verify(new X509Certificate(authority).publicKey) && hosts.every(isNamed)
}
