/**
 * The label of a source that gives numbers and sorting codes, and no data for a print client: the page lays it out, and the browser prints
 * it. Pure, because the pages read it.
 */
export type PlainLabel = {
  courier: string
  waybillNo: string
  /** 大头笔, 三段码: the sorting code in large letters. */
  routing: string
  /** 集包地: where the parcel's bag goes. */
  bag: string
  /** 路区: the last part of the way. */
  road: string
  /** The package among those of the parcel, and the main number: "2/3 SF1500000000001"; undefined: it has one package. */
  place?: string
  /** The sum that the courier collects, and the insured value; null: none, undefined: an older label. */
  codFen?: number | null
  insuredFen?: number | null
  /** Name and phone are masked. */
  receiver: Person
  sender: Person
}

type Person = { name: string; phone: string; address: string }

/** The sources with such labels. */
const sources: readonly string[] = ['kuaidi100']

export const isPlainLabel = (source: string): boolean => sources.includes(source)
