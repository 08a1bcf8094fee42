import { createHmac } from 'node:crypto'

/**
 * Returns the signature of a call, over the verb, the path, and the sorted parameters as one text; both are percent-encoded once more. Source:
 * the platform's Java client (OpenApiOauth). We send and sign UTF-8.
 */
export function signatureOf(
  verb: 'GET' | 'POST',
  path: string,
  params: Readonly<Record<string, string>>,
  appKey: string,
): string {
  const pairs = Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
  const source = [verb, encoded(path), encoded(pairs.join('&'))].join('&')
  return createHmac('sha1', `${appKey}&`).update(source, 'utf8').digest('base64')
}

/** Only letters, digits, `-`, `_` and `.` stay as they are. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
