import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Config } from '../../config.ts'
import type { Database } from '../../core/db/db.ts'
import type { KeyRing } from '../../lib/seal.ts'

export const dayS = 86_400

/** A session ends a week after the sign-in, or after a day without use. */
export const sessionDays = 7
export const idleHours = 24

export const lockMinutes = 15
export const triesBeforeLock = 5

type AuthPlace = {
  db: Database
  ring: KeyRing
  config: Pick<Config, 'publicUrl'>
  onError(message: string): void
}

export type Auth = Awaited<ReturnType<typeof buildAuth>>

/**
 * Builds the sign-in library on our tables of credentials, sessions and one-time codes. Only our own routes call it, and they alone decide
 * about rights. Loading it takes a quarter of a second and 45 MB, so it is loaded at the first use.
 */
export async function buildAuth({ db, ring, config, onError }: AuthPlace) {
  const [{ betterAuth }, { kyselyAdapter }, { twoFactor }] = await Promise.all([
    import('better-auth/minimal'),
    import('@better-auth/kysely-adapter'),
    import('better-auth/plugins/two-factor'),
  ])
  return betterAuth({
    appName: '三易',
    baseURL: config.publicUrl,
    secrets: librarySecrets(ring),
    database: kyselyAdapter(db, { type: 'postgres', transaction: true }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    // Our own limits of sign-in attempts count for each account and address, and survive a restart.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error', log: (_level, message) => onError(message) },
    advanced: {
      database: { generateId: 'serial', validateSchema: false },
      // The library supports only the prefix __Secure-, with which another host of the same site could set our cookies.
      cookiePrefix: cookiePrefix(config),
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure(config) },
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    user: {
      modelName: 'app_user',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      modelName: 'user_session',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
      expiresIn: sessionDays * dayS,
      disableSessionRefresh: true,
    },
    account: {
      modelName: 'user_credential',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      modelName: 'user_verification',
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    plugins: [
      twoFactor({
        issuer: '三易 Sanyi',
        accountLockout: { maxFailedAttempts: triesBeforeLock, durationSeconds: lockMinutes * 60 },
        schema: {
          user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
          twoFactor: {
            modelName: 'user_two_factor',
            fields: {
              userId: 'user_id',
              backupCodes: 'backup_codes',
              failedVerificationCount: 'failed_verification_count',
              lockedUntil: 'locked_until',
            },
          },
        },
      }),
    ],
  })
}

const addressHeader = 'x-sanyi-client'

function isSecure(config: Pick<Config, 'publicUrl'>): boolean {
  return config.publicUrl.startsWith('https://')
}

const cookiePrefix = (config: Pick<Config, 'publicUrl'>) => (isSecure(config) ? '__Host-sanyi' : 'sanyi')

/** `two_factor`: a sign-in that waits for its one-time code. `device`: the accounts that have signed in on this device. */
export function cookieName(
  config: Pick<Config, 'publicUrl'>,
  kind: 'session_token' | 'two_factor' | 'device',
): string {
  return `${cookiePrefix(config)}.${kind}`
}

export const cookieAttributes = (config: Pick<Config, 'publicUrl'>) =>
  `Path=/; HttpOnly${isSecure(config) ? '; Secure' : ''}; SameSite=Lax`

export function sessionCookieName(config: Pick<Config, 'publicUrl'>): string {
  return cookieName(config, 'session_token')
}

/** Returns the headers for the library: cookies, user agent and the client's address. */
export function authHeaders(request: { ip: string; headers: Record<string, unknown> }): Headers {
  const headers = new Headers({ [addressHeader]: request.ip })
  for (const name of ['cookie', 'user-agent']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value.slice(0, 4000))
  }
  return headers
}

export function signCookie(ring: KeyRing, value: string): string {
  const signature = createHmac('sha256', cookieSecret(ring.current)).update(value).digest('base64')
  return encodeURIComponent(`${value}.${signature}`)
}

/** Returns the library's keys, derived from ours. The first key seals and signs, so it is the current one. */
export function librarySecrets(ring: KeyRing): { version: number; value: string }[] {
  const others = [...ring.byNumber.values()].filter((key) => key !== ring.current)
  return [ring.current, ...others].map((key) => ({ version: key.number, value: cookieSecret(key) }))
}

function cookieSecret(key: KeyRing['current']): string {
  return createHmac('sha256', key.hash).update('sanyi sign-in').digest('base64')
}

/**
 * Returns the value of a cookie that one of the installation's keys signed; undefined for any other cookie. A copy of the database is not
 * enough to make one.
 */
export function openCookie(ring: KeyRing, header: string | undefined, name: string): string | undefined {
  const signed = cookieNamed(header, name)
  const dot = signed?.lastIndexOf('.') ?? -1
  if (signed === undefined || dot < 1) return undefined
  const value = signed.slice(0, dot)
  const signature = Buffer.from(signed.slice(dot + 1), 'base64')
  for (const key of ring.byNumber.values()) {
    const wanted = createHmac('sha256', cookieSecret(key)).update(value).digest()
    if (signature.length === wanted.length && timingSafeEqual(signature, wanted)) return value
  }
  return undefined
}

function cookieNamed(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=')
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue
    try {
      return decodeURIComponent(part.slice(equals + 1).trim())
    } catch {
      return undefined
    }
  }
  return undefined
}
