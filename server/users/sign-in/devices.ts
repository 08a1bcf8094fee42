import { createHash, randomBytes } from 'node:crypto'
import type { Config } from '../../config.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { cookieAttributes, cookieName, dayS, openCookie, signCookie } from './auth.ts'

// A browser in which a user has signed in keeps a signed cookie about it, without a name. Such a device has its own limit of attempts, so
// that wrong passwords from elsewhere cannot lock the user out.

const noteDays = 400
/** The cookie of a shared computer lists at most this many accounts, the latest ones. */
const accountsMax = 8

type Known = { device: string; marks: string[] }

/** Returns the device's number if this account has signed in on it; otherwise undefined. */
export function knownDevice(
  ring: KeyRing,
  config: Pick<Config, 'publicUrl'>,
  header: string | undefined,
  email: string,
): string | undefined {
  const known = read(ring, config, header)
  return known?.marks.includes(accountTokenOf(email)) ? known.device : undefined
}

export function deviceCookie(
  ring: KeyRing,
  config: Pick<Config, 'publicUrl'>,
  header: string | undefined,
  email: string,
): string {
  const known = read(ring, config, header)
  const device = known?.device ?? randomBytes(16).toString('base64url')
  const mark = accountTokenOf(email)
  const marks = [mark, ...(known?.marks ?? []).filter((one) => one !== mark)].slice(0, accountsMax)
  const value = signCookie(ring, ['device', device, ...marks].join('~'))
  return `${cookieName(config, 'device')}=${value}; Max-Age=${noteDays * dayS}; ${cookieAttributes(config)}`
}

function read(
  ring: KeyRing,
  config: Pick<Config, 'publicUrl'>,
  header: string | undefined,
): Known | undefined {
  const [kind, device, ...marks] = openCookie(ring, header, cookieName(config, 'device'))?.split('~') ?? []
  return kind === 'device' && device ? { device, marks } : undefined
}

function accountTokenOf(email: string): string {
  return createHash('sha256').update(`device of\0${email}`).digest('base64url').slice(0, 22)
}
