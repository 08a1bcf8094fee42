import { isIP } from 'node:net'
import Value from 'typebox/value'
import { AppError } from '../errors.ts'
import { isThisMachine } from '../wire/public-address.ts'
import { isSecret, isSetting, type WithCredentials } from './secrets.ts'

export type CheckedCredentials = {
  values: Record<string, string>
  changed: string[]
  /** True if the app or an address changed. The token of the former app is not valid there. */
  otherApp: boolean
}

/**
 * Merges typed credentials with the stored ones. An empty secret keeps the stored one, unless the app or an address changed: otherwise a
 * user could send a secret that they cannot read to an address of their choice. Throws `invalid_input` with the field; the message never
 * has a value.
 */
export function checkCredentials(
  connector: WithCredentials,
  stored: Record<string, string>,
  typed: Record<string, string>,
  places: Places = {},
): CheckedCredentials {
  const fields = Object.keys(connector.credentials.properties)
  const unknown = Object.keys(typed).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw refused(unknown, '没有这一项', 'no such field')

  const merged: Record<string, string> = {}
  for (const field of fields) {
    const value = typed[field]?.trim() || (isSecret(connector, field) ? stored[field] : undefined)
    if (value) merged[field] = value
  }
  const values = withDefaults(connector, merged)
  checkAddresses(connector, values, places)
  checkDatabases(connector, values, places)

  const changed = fields.filter((field) => values[field] !== stored[field])
  const otherApp = Object.keys(stored).length > 0 && changed.some((field) => namesApp(connector, field))
  const kept = fields.find((field) => isSecret(connector, field) && stored[field] && !typed[field]?.trim())
  if (otherApp && kept !== undefined) {
    throw refused(
      kept,
      '应用或地址改了，密钥要重新填写',
      'the app or an address changed, so enter the secret again',
    )
  }
  for (const { field, password } of databasesIn(connector))
    if (changed.includes(field) && stored[password] && !typed[password]?.trim())
      throw refused(password, '地址改了，密码要重新填写', 'the address changed, so enter the password again')
  return { values, changed, otherApp }
}

/** Returns the fields with the address of a database. */
function databasesIn({
  credentials,
}: WithCredentials): { field: string; hosts: string[]; password: string }[] {
  return Object.entries(credentials.properties).flatMap(([field, schema]: [string, object]) =>
    'databaseHosts' in schema && Array.isArray(schema.databaseHosts) && 'databasePassword' in schema
      ? [{ field, hosts: schema.databaseHosts.map(String), password: String(schema.databasePassword) }]
      : [],
  )
}

/** Throws unless each database is on a host of the platform's cloud, or of a simulator on this machine. */
function checkDatabases(connector: WithCredentials, values: Record<string, string>, places: Places): void {
  for (const { field, hosts } of databasesIn(connector)) {
    const host = databaseHost(values[field])
    const isKnown = [...hosts, ...(places.platformHosts ?? [])].some((known) => host.endsWith(`.${known}`))
    if (host !== '' && !isKnown && !(places.simulator && isLoopback(host)))
      throw refused(
        field,
        `${host} 不是平台的数据库；确要用，请管理员设 PLATFORM_HOSTS`,
        `${host} is no database of the platform; if it is meant, PLATFORM_HOSTS names it`,
      )
  }
}

const databaseHost = (value = '') => value.replace(/[:/].*$/s, '')
const isLoopback = (host: string) => isThisMachine(new URL(`http://${host}`))

/**
 * True if the field identifies the app or its address. A choice of given values, such as the signature method, does not, nor a setting of an
 * account.
 */
function namesApp(connector: WithCredentials, field: string): boolean {
  const schema: object = connector.credentials.properties[field] ?? {}
  return (
    !isSecret(connector, field) && !('anyOf' in schema) && !('enum' in schema) && !isSetting(connector, field)
  )
}

function withDefaults(connector: WithCredentials, merged: Record<string, string>): Record<string, string> {
  const filled: unknown = Value.Default(connector.credentials, merged)
  const wrong = Value.Errors(connector.credentials, filled)[0]
  if (wrong) {
    const missing = 'requiredProperties' in wrong.params ? wrong.params.requiredProperties[0] : undefined
    const field = missing ?? wrong.instancePath.slice(1)
    throw refused(field, missing ? '必填' : '格式不对', missing ? 'required' : wrong.message)
  }
  const values: Record<string, string> = {}
  for (const [field, value] of Object.entries(filled ?? {})) values[field] = String(value)
  return values
}

/** The hosts that an address may have besides the platform's own. */
export type Places = { simulator?: boolean; platformHosts?: readonly string[] }

/** Returns the domains of a connector's default addresses: gw.api.example.com → example.com. */
function platformHosts(connector: WithCredentials): string[] {
  return Object.values(connector.credentials.properties).flatMap((property: object) => {
    const preset = 'default' in property ? String(property.default) : ''
    return URL.canParse(preset) ? [new URL(preset).hostname.split('.').slice(-2).join('.')] : []
  })
}

/** True for the address of the seller's own site, which no list of hosts can know. Private addresses are refused when it is called. */
function isSite(connector: WithCredentials, field: string): boolean {
  const schema: object = connector.credentials.properties[field] ?? {}
  return 'site' in schema && schema.site === true
}

/** Throws if an address is not allowed. Signed calls and secrets are sent only over TLS, except to a simulator on this machine. */
function checkAddresses(connector: WithCredentials, values: Record<string, string>, places: Places): void {
  const hosts = [...platformHosts(connector), ...(places.platformHosts ?? [])]
  assertUsable(connector, values, places.simulator ?? false)
  for (const [field, value] of addressesIn(connector, values)) {
    const { protocol, hostname, port } = new URL(value)
    if (protocol !== 'https:' && protocol !== 'wss:') continue
    if (isSite(connector, field)) {
      if (!isSiteName(hostname, port))
        throw refused(field, '要填网站的域名，不带端口', 'enter the name of the site, without a port')
      continue
    }
    // Only host names match, so an IP address is refused.
    if (port !== '' || !hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`)))
      throw refused(
        field,
        `${hostname} 不是平台的地址；确要用，请管理员设 PLATFORM_HOSTS`,
        `${hostname} is no host of the platform; if it is meant, PLATFORM_HOSTS names it`,
      )
  }
}

/**
 * Checks the stored addresses each time a shop is opened, because a demo's database may be used in an installation that allows no
 * simulator. Throws `invalid_input` with the field.
 */
export function assertUsable(
  connector: WithCredentials,
  values: Record<string, string>,
  simulator: boolean,
): void {
  for (const { field } of databasesIn(connector)) {
    const host = databaseHost(values[field])
    if (host !== '' && isLoopback(host) && !simulator)
      throw refused(field, '不能是本机', 'it must not be this machine')
  }
  for (const [field, value] of addressesIn(connector, values)) {
    const schema: object = connector.credentials.properties[field] ?? {}
    if ('default' in schema && schema.default === value) continue
    if (!isAllowedAddress(value, simulator))
      throw refused(
        field,
        '地址要以 https:// 或 wss:// 开头',
        'the address must begin with https:// or wss://',
      )
  }
}

function addressesIn(
  connector: WithCredentials,
  values: Record<string, string>,
): [field: string, value: string][] {
  return Object.entries(values).filter(([field, value]) => {
    const schema: object = connector.credentials.properties[field] ?? {}
    return ('format' in schema && schema.format === 'uri') || /^[a-z][a-z+.-]*:\/\//i.test(value)
  })
}

/**
 * True for https and wss; with `simulator` also for http and ws to this machine. An address with a user name or password is not allowed. The
 * default of a field is allowed with any protocol: TMC is ws only, and no secret is sent there.
 */
export function isAllowedAddress(text: string, simulator: boolean): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  if (url.protocol === 'https:' || url.protocol === 'wss:') return true
  return simulator && isThisMachine(url)
}

/** Throws unless the address is one of a site, by the same rules as those of credentials: https, a host name and no port. */
export function assertSiteAddress(address: string, simulator: boolean): void {
  const fails = (zh: string, en: string) => new AppError('invalid_input', { detail: { zh, en } }, 'address')
  if (!isAllowedAddress(address, simulator) || /^wss?:/i.test(address))
    throw fails(
      '地址要以 https:// 开头，不带用户名和密码',
      'the address must begin with https:// and have no password',
    )
  const { protocol, hostname, port } = new URL(address)
  if (protocol === 'https:' && !isSiteName(hostname, port))
    throw fails('要填网站的域名，不带端口', 'enter the name of the site, without a port')
}

const isSiteName = (hostname: string, port: string): boolean =>
  port === '' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0

function refused(field: string, zh: string, en: string): AppError {
  return new AppError(
    'invalid_input',
    { detail: { zh: `${field}：${zh}`, en: `${field}: ${en}` } },
    `credentials.${field}`,
  )
}
