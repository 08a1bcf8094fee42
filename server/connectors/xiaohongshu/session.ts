import type { ShopIdentity } from '../connector.ts'

/**
 * Makes the text that is stored as the access token. Only the answer that gives a token names its seller, so the seller's number and name are kept
 * behind it. A token that a person typed has neither.
 */
export const sessionOf = (token: string, { platformShopId, name }: ShopIdentity): string =>
  [token, platformShopId, encodeURIComponent(name)].join(' ')

/** The token alone, as calls carry it. */
export const tokenIn = (session: string): string => session.split(' ')[0] ?? ''

export function sellerIn(session: string): ShopIdentity | undefined {
  const [, platformShopId = '', written = ''] = session.split(' ')
  if (platformShopId === '') return undefined
  const name = nameIn(written) || platformShopId
  return { platformShopId, name, nick: name }
}

function nameIn(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    return ''
  }
}
