import { type City, type Province, writtenAs } from './divisions.ts'

/** The parts of a pasted text. A part that was not found is empty. */
export type ParsedAddress = Record<
  'name' | 'mobile' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address',
  string
>

type Place = { province: string; city: string; district: string }
type Found = Place & { at: number; end: number }

/** Replaces a number that was taken out of the text, because the name is often beside the number. */
const gap = '\n'
const nameLabel = '\u0001'

/**
 * Reads a receiver from a text that was copied from a chat or another page: name, numbers and address, in any order, with or without
 * labels. A district that is not written is not guessed.
 */
export function parseAddress(text: string, provinces: readonly Province[]): ParsedAddress {
  const numbers = takeNumbers(withoutLabels(text))
  const place = findPlace(numbers.rest, provinces)
  const { before, address, after } = around(numbers.rest, place)
  const named = nameOf(before, address, after)
  const { town, street } = townOf(named.address)
  const { province = '', city = '', district = '' } = place ?? {}
  return {
    ...named.is,
    mobile: numbers.mobile,
    phone: numbers.phone,
    province,
    city,
    district,
    town,
    address: street,
  }
}

/** Converts full-width characters to half-width ones and replaces labels by gaps. The label of the name becomes `nameLabel`. */
function withoutLabels(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u200b-\u200f\ufeff]/g, '')
    .replace(/(?:收\s*[货件]\s*人(?:姓名)?|收货姓名|联系人|姓\s*名)\s*[::]\s*/g, `${gap}${nameLabel}`)
    .replace(
      /(?:手机号码?|联系电话|联系方式|电话号码?|电\s*话|手\s*机|所在地区|所在区域|省市区|收[货件]地址|详细地址|详细|街道地址|地\s*址|地\s*区|邮政编码|邮\s*编)\s*[::]\s*/g,
      gap,
    )
    .replace(/[,;、|\t\r\n。【】]+/g, gap)
}

const mobileNumber =
  /(?<!\d)(?:\+?\s?(?:00)?86[-\s]?)?(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)(?:\s?(?:-|转|#|\[)\s?(\d{2,5})\]?(?!\d))?/
const landline =
  /(?<!\d)(?:\(?(0\d{2,3})\)?[-\s]?(\d{7,8})|(400)[-\s]?(\d{3}[-\s]?\d{4}))(?:\s?(?:-|转)\s?(\d{1,5}))?(?!\d)/

function takeNumbers(text: string): { rest: string; mobile: string; phone: string } {
  const [mobile, a = '', b = '', c = '', extension] = mobileNumber.exec(text) ?? []
  const left = mobile === undefined ? text : text.replace(mobile, gap)
  const [line, area = '', number = '', free = '', freeNumber = '', inner] = landline.exec(left) ?? []
  const rest = (line === undefined ? left : left.replace(line, gap)).replace(
    /(?<!\d)\d{6}(?![\d号弄室栋幢座])/,
    gap,
  )
  return {
    rest: rest.replace(mobileNumber, gap),
    mobile: mobile === undefined ? '' : `${a}${b}${c}${extension ? `-${extension}` : ''}`,
    phone:
      line === undefined
        ? ''
        : [area || free, number || freeNumber.replace(/\D/g, ''), inner].filter(Boolean).join('-'),
  }
}

/** Returns the longest chain of province, city and district in the text; of equal ones, the one that begins first. */
function findPlace(text: string, provinces: readonly Province[]): Found | undefined {
  const chains = provinces.flatMap((province) => {
    const starts = indexesOf(text, provinceWords(province.name))
    return starts.map(({ at, end }) => ({ at, ...below(text, end, province) }))
  })
  // 吉林市 is also a city, and 海南藏族自治州 is in 青海, so the chain with the most parts is taken.
  const explained = (one: Found) => [one.province, one.city, one.district].filter(Boolean).length
  const [chain] = chains.toSorted((a, b) => explained(b) - explained(a) || a.at - b.at || b.end - a.end)
  if (chain && chain.city !== '') return chain
  return withoutProvince(text, provinces) ?? chain
}

const provinceWords = (name: string) => {
  const { short } = writtenAs(name)
  return [
    ...new Set([
      name,
      `${short}省`,
      `${short}市`,
      `${short}自治区`,
      short,
      short === '内蒙古' ? '内蒙' : short,
    ]),
  ]
}

/**
 * Reads what follows a province: the province again, because people write municipalities twice, then a city, then a district. Each may be
 * missing.
 */
function below(text: string, from: number, province: Province): Omit<Found, 'at'> {
  let end = skip(text, from)
  const again = provinceWords(province.name).find((word) => text.startsWith(word, end))
  const alone = province.cities.length === 1 || /^(北京|天津|上海|重庆)市$/.test(province.name)
  if (
    again !== undefined &&
    (alone || !province.cities.some((city) => startsWith(text, end, city.name) >= 0))
  )
    end = skip(text, end + again.length)
  if (alone) {
    const [city] = province.cities
    return city ? inCity(text, end, province, city) : { province: province.name, city: '', district: '', end }
  }
  const city = longest(province.cities, (one) => startsWith(text, end, one.name))
  if (city) return inCity(text, skip(text, city.end), province, city.is)
  // 江苏省昆山市: the prefecture is left out.
  const all = province.cities.flatMap((one) => one.districts.map((district) => ({ city: one, district })))
  const direct = longest(all, ({ district }) => startsWhole(text, end, district))
  if (!direct) return { province: province.name, city: '', district: '', end }
  const { city: parent, district } = direct.is
  return { province: province.name, city: parent.name, district, end: skip(text, direct.end) }
}

function inCity(text: string, from: number, province: Province, city: City): Omit<Found, 'at'> {
  const start = text.startsWith(city.name, from) ? skip(text, from + city.name.length) : from
  const found = longest(city.districts, (district) => startsWith(text, start, district, true))
  const [district, end] = found ? [found.is, skip(text, found.end)] : ['', start]
  return { province: province.name, city: city.name, district, end }
}

/** Finds a place that is written without its province (杭州市西湖区…, 昆山市…): a city or a district that only one province has. */
function withoutProvince(text: string, provinces: readonly Province[]): Found | undefined {
  const cities = provinces.flatMap((province) => province.cities.map((city) => ({ province, city })))
  const named = cities.flatMap(({ province, city }) =>
    indexesOf(
      text,
      writtenAs(city.name).whole.filter((word) => !/^.?[区县]$/.test(word)),
    )
      .concat(indexesOf(text, [writtenAs(city.name).short]).filter(({ end }) => hasDistrict(text, end, city)))
      .map(({ at, end }) => ({ at, ...inCity(text, skip(text, end), province, city) })),
  )
  const [first] = named.toSorted((a, b) => a.at - b.at || b.end - a.end)
  if (first) return first
  const districts = Map.groupBy(
    cities.flatMap(({ province, city }) => city.districts.map((district) => ({ province, city, district }))),
    ({ district }) => district,
  )
  const only = [...districts.values()].flatMap((same) => (same.length === 1 ? same : []))
  const [one] = only
    .flatMap(({ province, city, district }) =>
      indexesOf(text, writtenAs(district).whole).map(({ at, end }) => ({
        ...{ at, end: skip(text, end), province: province.name, city: city.name, district },
      })),
    )
    .toSorted((a, b) => a.at - b.at || b.end - a.end)
  return one
}

const hasDistrict = (text: string, end: number, city: City) =>
  longest(city.districts, (district) => startsWhole(text, skip(text, end), district)) !== undefined

/** Returns the first position of each word in the text. Words that do not occur are left out. */
function indexesOf(text: string, words: readonly string[]): { at: number; end: number }[] {
  return words.flatMap((word) => {
    const at = text.indexOf(word)
    return at < 0 ? [] : [{ at, end: at + word.length }]
  })
}

function longest<T>(all: readonly T[], endOf: (one: T) => number): { is: T; end: number } | undefined {
  const ends = all.map((is) => ({ is, end: endOf(is) })).filter(({ end }) => end >= 0)
  return ends.toSorted((a, b) => b.end - a.end)[0]
}

const startsWhole = (text: string, at: number, name: string) =>
  Math.max(-1, ...writtenAs(name).whole.map((word) => (text.startsWith(word, at) ? at + word.length : -1)))

/**
 * Returns the position after the name if the text has it at `at`, whole or in short form; otherwise -1. `apart`: the short form counts only
 * before white space or at the end of the text.
 */
function startsWith(text: string, at: number, name: string, apart = false): number {
  const whole = startsWhole(text, at, name)
  const { short } = writtenAs(name)
  if (whole >= 0 || short.length < 2 || !text.startsWith(short, at)) return whole
  const end = at + short.length
  if (!apart)
    return /^[市州盟]/.test(text.slice(end)) && !/^州[^市县区 ]*[路街]/.test(text.slice(end)) ? end + 1 : end
  return /^(\s|$)/.test(text.slice(end)) ? end : -1
}

function skip(text: string, from: number): number {
  return from + (/^[\s\-/,]*/.exec(text.slice(from))?.[0].length ?? 0)
}

/** Returns the lines before the place, the rest of its line, and the lines after it. */
function around(text: string, place: Found | undefined) {
  const tidy = (part: string) =>
    part
      .split(gap)
      .map((line) => line.replace(/^中国/, '').trim())
      .filter((line) => line !== '')
  if (!place) {
    const lines = tidy(text)
    // Without a place, the longest line is the street.
    const street = lines
      .filter((line) => !line.startsWith(nameLabel))
      .toSorted((a, b) => b.length - a.length)[0]
    const address = lines.length > 1 || /\d|[路街号村]/.test(street ?? '') ? (street ?? '') : ''
    return { before: lines.filter((line) => line !== address), address, after: [] }
  }
  const [address = '', ...after] = tidy(text.slice(place.end))
  return { before: tidy(text.slice(0, place.at)), address, after }
}

const endOfStreet = /(?:[号室楼栋幢座层院店铺户]|单元|公寓|小区|大厦|广场|花园|\d|[a-z])$/i
const aName = /(?:\p{Script=Han}{2,5}|\p{Script=Han}+(?:·\p{Script=Han}+)+|[a-z]{2,}(?: [a-z]+){0,2})$/iu
const isName = (word: string) =>
  aName.exec(word)?.index === 0 && !/^[号室楼栋幢座层单]|[省市区县镇乡村路街号室楼栋幢座]$/.test(word)

/** Returns a labelled name; otherwise a short text beside the address; otherwise the last word of the address. */
function nameOf(before: string[], address: string, after: string[]) {
  const labelled = [...before, ...after].find((line) => line.startsWith(nameLabel))
  const street = (parts: readonly (string | undefined)[]) => parts.filter(Boolean).join(' ')
  const others = (name: string | undefined) => after.filter((line) => line !== name)
  if (labelled !== undefined) {
    const name = labelled.slice(1)
    return { is: { name }, address: street([address, ...others(labelled)]) }
  }
  const [first] = before
  if (first !== undefined && first.length <= 25)
    return { is: { name: first }, address: street([address, ...after]) }
  const beside = after.toReversed().find(isName)
  if (beside !== undefined) return { is: { name: beside }, address: street([address, ...others(beside)]) }
  const splits = [/^(.*?) +(.+)$/, /^(.*) +(.+)$/, /^(.*)(.{3})$/, /^(.*)(.{2})$/]
  for (const [at, split] of splits.entries()) {
    const [, head = '', tail = ''] = split.exec(address) ?? []
    if ((at < 2 || endOfStreet.test(head)) && isName(tail))
      return { is: { name: tail }, address: street([head, ...after]) }
  }
  return { is: { name: '' }, address: street([address, ...after]) }
}

/** Splits a street office, town or township off the beginning of the address. 景德镇路 is a street and none of these. */
function townOf(address: string): { town: string; street: string } {
  const [town = ''] = /^[^\s\d]{1,12}?(?:街道办事处|街道|镇|乡|苏木)(?![路街道大巷里])/u.exec(address) ?? []
  const street = address.slice(town.length).trim()
  return street === '' ? { town: '', street: town } : { town, street }
}
