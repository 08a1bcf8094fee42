import type { TObject } from 'typebox'
import type { Call, Receiver } from '../connectors/connector.ts'
import type { CourierNames } from '../connectors/couriers.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { CourierService } from './services-contract.ts'
import type { NewsAddress } from './tracking-source.ts'

/**
 * 电子面单: translates between Sanyi and one system that gives waybill numbers and the data of their labels, and decides nothing. The
 * caller does batching, retries, rate limits and storage.
 */
export type WaybillSource = {
  /** Stored on accounts and waybills: "cainiao". */
  id: string
  name: LocalizedText
  /**
   * The platforms whose shops have accounts at this source, and whose masked receivers the source can print. Empty: it takes receivers in
   * plain text only.
   */
  platforms: readonly string[]
  /**
   * True: it gives numbers for trades of its platforms only, and for no order that a person made. It finds a trade by the token of the account's
   * shop, so it serves that shop alone.
   */
  platformOrdersOnly?: true
  /**
   * Schema of the credentials that each account has of its own. Fields with `secret: true` are never shown again once stored, and
   * `partnerId` is the account at the courier; accounts with one `key` share a limit of calls. Undefined: calls are made with the credentials of the account's shop.
   */
  credentials?: TObject
  /** The source's codes of our couriers. */
  couriers: CourierNames
  /** The services of each of its accounts, if it does not say what a branch offers. */
  ownServices?: readonly CourierService[]
  /** 子母件: true if it gives a number to each of several packages, with the couriers that have such numbers (`packageCouriers`). */
  givesPackages: boolean
  /** The most parcels of one call of `take`. */
  mostParcels: number
  /**
   * What the caller does after an unclear answer of `take`. `look_up`: it asks the source which numbers these parcels have. `same_number`:
   * it repeats the request, and the source gives each parcel the same number again. `neither`: it repeats the request, and a number that
   * was given but did not arrive stays unused.
   */
  unclear: 'look_up' | 'same_number' | 'neither'
  /** What the source says of its accounts; undefined: it says nothing, and an account is typed. */
  service?: WaybillService
  /**
   * Takes a number for each parcel. One parcel that the source refuses makes it refuse the whole call. With `unclear: 'same_number'` others
   * may have their numbers then, which they get when they are asked for alone.
   *
   * @throws {PlatformError} for every failure; `unclear` if numbers may have been given.
   */
  take(call: Call, request: TakeRequest): Promise<TakenWaybill[]>
  /** Returns the live numbers that these parcels have got; parcels without one are missing. Only with `unclear: 'look_up'`. */
  lookUp?: (call: Call, request: Pick<TakeRequest, 'courier' | 'parcels'>) => Promise<TakenWaybill[]>
  /**
   * What the print client needs beside a label, made when that is printed because it is valid for minutes only. It makes no call. It may hold the
   * seller's token: it goes to the print client, and is not stored. Undefined: the label is enough.
   */
  printFields?: (call: Call) => Readonly<Record<string, string>>
  /**
   * Reports that the label of a number came out of a printer. A repeated report must change nothing. Undefined: the platform does not want to
   * know.
   */
  reportPrinted?: (call: Call, label: PrintedLabel) => Promise<void>
  /** Gives a number back, with those of its packages. Giving it back twice must have the same effect as once. */
  giveBack(call: Call, waybill: GivenWaybill): Promise<void>
  /** Undefined: it asks no courier to bring a parcel back. */
  intercept?: InterceptService
}

export type InterceptService = {
  /** Our codes of the couriers that take the request. */
  couriers: readonly string[]
  /** Asks the courier to bring a parcel back to its sender. Throws if the request is refused; scans show the outcome. */
  ask(call: Call, parcel: { courier: string; waybillNo: string }, address: NewsAddress): Promise<void>
}

/** `again`: it was printed before. */
export type PrintedLabel = Pick<TakenWaybill, 'waybillNo' | 'courierOrder'> & {
  courier: string
  again: boolean
}

export type GivenWaybill = Pick<TakenWaybill, 'waybillNo' | 'courierOrder'> & {
  courier: string
  /** The numbers of its packages; empty: it has one. */
  packageNos: readonly string[]
}

export type WaybillService = {
  /** The branches (网点) of couriers that serve the account, with their balances. */
  branches(call: Call): Promise<Branch[]>
  /** The standard labels that the account may print. */
  templates(call: Call): Promise<LabelTemplate[]>
  /**
   * The custom areas (自定义区) that the seller has designed for this label, each with its keys. The print client lays one over the label.
   */
  customAreas(call: Call, templateUrl: string): Promise<CustomArea[]>
}

export type Address = { province: string; city: string; district: string; town: string; detail: string }
export type Sender = { name: string; mobile: string; phone: string; address: Address }

export type Branch = {
  courier: string
  branchCode: string
  branchName: string
  /** Numbers that may still be taken; null: the courier settles monthly and has no balance. */
  balance: number | null
  /** Numbers given so far, also those that were given back. */
  used: number
  /** Numbers given back so far. */
  returned: number
  addresses: Address[]
  services: CourierService[]
}

export type LabelTemplate = { courier: string; name: string; url: string }

export type CustomArea = { id: string; url: string; keys: string[] }

export type TakeRequest = {
  courier: string
  sender: Sender
  /** The branch of the account, as `branches` names it. */
  branchCode: string
  /** Empty: the source has no labels of its own. */
  templateUrl: string
  /** The seller's user id on the platform. */
  sellerId: string
  /** What the branch offers; a parcel that wants another service is refused. */
  services: readonly CourierService[]
  parcels: readonly ParcelAsked[]
}

export type ParcelAsked = {
  /** Our key of this request for the parcel, which is never used again: letters, digits and underscores. */
  key: string
  platform: string
  tids: readonly string[]
  /** The masked receiver, with the token by which the source finds the real one. */
  receiver: Receiver
  /** The trade to which the masked receiver belongs. Of a copied order it is not among `tids`. */
  receiverTid: string
  goods: readonly { name: string; quantity: number }[]
  /** 包裹数: of how many packages it consists; at least 1. */
  packages: number
  /** Grams of all packages; null: not known. */
  weightG: number | null
  /** Cash on delivery (代收货款): what the courier collects, in fen; null: nothing. */
  codFen: number | null
  /** Insurance (保价): the value in fen; null: none. */
  insuredFen: number | null
  /** True: the courier brings it to the door (送货上门). */
  toDoor: boolean
}

export type TakenPackage = Pick<TakenWaybill, 'waybillNo' | 'printData'>

export type TakenWaybill = {
  key: string
  /** The number by which the parcel is shipped and followed: of several packages the main number (母单号). */
  waybillNo: string
  /** The packages in their order, each with its sub-number (子单号) and label; empty: there is one. The first may have the main number, and its label is `printData`. */
  packages: readonly TakenPackage[]
  /**
   * The data that the print client needs for the label. It is passed on as it is, never parsed, and may contain personal data. A
   * source with plain labels gives a `PlainLabel`.
   */
  printData: string
  /** The courier's own number of the request, which some couriers want when the number is given back; empty: there is none. */
  courierOrder: string
}
