/**
 * Text from a platform made fit for logs and screens: without the secrets of the call, without telephone numbers and
 * e-mail addresses, and short.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret.length > 3) clean = clean.replaceAll(secret, '***')
  return clean
    .replace(/(?<!\d)1[3-9]\d{9}(?!\d)/g, '***')
    .replace(/[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}/g, '***')
    .slice(0, 300)
}
