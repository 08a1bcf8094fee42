import { shortRegion } from './text-hash.ts'

/** The text in the place of what a relay withholds. Receivers that a platform masks have such stars too, so it is no doubt. */
export const withheldText = '***'

/** Masks a name: 王小明 → 王**, 王 → *. A name that the platform has masked stays as it is. */
export function maskName(name: string): string {
  if (name.includes('*')) return name
  const letters = [...name]
  // The only character of a name must not be shown.
  if (letters.length < 2) return '*'.repeat(letters.length)
  return `${letters[0]}${'*'.repeat(Math.min(2, letters.length - 1))}`
}

/**
 * Masks a phone number: 13812341234 → 138****1234. A number without an area code keeps its last four (88881234 → ****1234), one of fewer than
 * seven digits its last two. A number that the platform has masked stays as it is.
 */
export function maskPhone(phone: string): string {
  if (phone.includes('*')) return phone
  if (phone.length < 7) return phone.replace(/.(?=.{2})/g, '*')
  return `${phone.length < 11 ? '' : phone.slice(0, 3)}****${phone.slice(-4)}`
}

/** Returns masked name and phone: 王** 138****1234 */
export function maskReceiver(receiver: { name: string; mobile: string; phone: string }): string {
  return [maskName(receiver.name), maskPhone(receiver.mobile || receiver.phone)].filter(Boolean).join(' ')
}

/** Returns the short region of an address: 浙江 杭州 西湖区 */
export function regionOf(receiver: { province: string; city: string; district: string }): string {
  return [receiver.province, receiver.city, receiver.district].map(shortRegion).filter(Boolean).join(' ')
}

/** Masks mobile numbers in messages, also those with the country code, since sheets leave the installation. */
export function withoutPhones(text: string): string {
  return text.replace(/(?<!\d)((?:(?:\+|00)?86[ -]?)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)/g, '$1****$2')
}
