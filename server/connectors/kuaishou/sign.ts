import { createHmac } from 'node:crypto'

/**
 * Returns the signature of a call: its parameters sorted as `name=value`, and the secret behind them, keyed by the secret once more. Values are
 * signed before they are encoded for the address. Source: API调用说明 (document 401853).
 */
export function signature(params: Readonly<Record<string, string>>, signSecret: string): string {
  const pairs = Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
  const text = [...pairs, `signSecret=${signSecret}`].join('&')
  return createHmac('sha256', signSecret).update(text, 'utf8').digest('base64')
}
