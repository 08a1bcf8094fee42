import type { Receiver } from './connector.ts'
import { entryOf, type Fields, longest, textAt } from './fields.ts'

/** The names under which a shop's software gives an address. */
export type AddressKeys = {
  familyName: string
  givenName: string
  company: string
  address: readonly [string, string]
  city: string
  zip: string
  phone: string
  /** The name of the state as it is written, and its code in `provinces`. */
  state: string
  stateCode: string
  country: string
  countryCode: string
}

const countries: Readonly<Record<string, string>> = {
  HK: '香港特别行政区',
  MO: '澳门特别行政区',
  TW: '台湾省',
}

/**
 * Reads receivers of a shop software that is made for all countries, where nothing is masked and no field is for the district. Goods go to the address of delivery; an order without one goes to the
 * buyer's own. `provinces`: the provinces of China by the codes of the software.
 */
export const plainReceivers =
  (keys: AddressKeys, provinces: Readonly<Record<string, string>>) =>
  (delivery: Fields, own: Fields): Receiver => {
    const named = [keys.address[0], keys.city, keys.givenName, keys.familyName]
    const place = named.every((key) => textAt(delivery, key, 1) === '') ? own : delivery
    const text = (key: string, max: number = longest.name) => textAt(place, key, max).trim()
    const number = text(keys.phone, longest.word) || textAt(own, keys.phone, longest.word).trim()
    const isMobile = /^(\+?86)?[\s-]*1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}$/.test(number)
    return {
      name: nameOf(text(keys.familyName), text(keys.givenName)) || text(keys.company),
      mobile: isMobile ? number.replace(/\D/g, '').slice(-11) : '',
      phone: isMobile ? '' : number,
      province: provinceOf(text, keys, provinces),
      city: text(keys.city),
      // It begins the address, where buyers write it at all.
      district: '',
      town: '',
      address: keys.address
        .map((key) => text(key, longest.address))
        .filter(Boolean)
        .join(' '),
      zip: text(keys.zip, longest.word),
      token: '',
    }
  }

/** Chinese names are written without a space, the family name first. */
function nameOf(family: string, given: string): string {
  const isChinese = /\p{Script=Han}/u.test(family + given)
  return isChinese ? `${family}${given}` : [given, family].filter(Boolean).join(' ')
}

/** A state without a known code keeps its name. Another country comes first, so that it is not overlooked. */
function provinceOf(
  text: (key: string) => string,
  { state, stateCode, country, countryCode }: AddressKeys,
  provinces: Readonly<Record<string, string>>,
): string {
  const code = text(countryCode)
  if (code === 'CN' || code === '') return entryOf(provinces, text(stateCode)) ?? text(state)
  return entryOf(countries, code) ?? [text(country) || code, text(state)].filter(Boolean).join(' ')
}
