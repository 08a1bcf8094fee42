/**
 * Returns a platform's text that may be logged and shown: without the secrets of the call, phone numbers and e-mail addresses, at most 300
 * characters.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret.length > 3) clean = clean.replaceAll(secret, '***')
  return clean
    .replace(/(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d{9}(?!\d)/g, '***')
    .replace(/[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}/g, '***')
    .slice(0, 300)
}
