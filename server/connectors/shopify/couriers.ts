import { type CourierNames, couriers } from '../couriers.ts'

/** The company of a parcel is free text: the name by which its buyer knows it. */
export const courierNames: CourierNames = Object.fromEntries(couriers.map(({ code, zh }) => [code, zh]))
