import type { CourierNames } from '../../connectors/couriers.ts'
import { companyCodes } from '../../connectors/xiaohongshu/couriers.ts'
import type { CourierService } from '../services-contract.ts'

// The documents that could be read do not state these values. Each is a careful guess until a real shop has answered.

/** `orderChannelsType` of the platform's own orders. The page with the channels could not be read; a program of others sends this. */
export const ownChannel = 'XIAO_HONG_SHU'

/**
 * The couriers of the e-waybills: they have the codes with which goods are shipped, of which zto, yuantong, shunfeng, ems and those of 邮政 were
 * seen. 京东快递 wants a kind of product whose list could not be read, so it is left out.
 */
const { JD: _left, ...known } = companyCodes
export const waybillCodes: CourierNames = known

/** `payMethod` of couriers that are paid each month: the sender pays. It is documented for 顺丰, EMS and 邮政. */
export const senderPays = 1

/** The services of a branch: none, because the page with their codes could not be read. */
export const servicesOfBranch: readonly CourierService[] = []

/** The words with which a number is refused that was given back before. */
export const givenBackWords = /(已|重复)(被)?(取消|回收)/
