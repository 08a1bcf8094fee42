// 增值服务 of a courier's branch. Pure, because the pages read it.

export type CourierService = { code: string; name: string }

/**
 * Returns the code of insurance (保价) among the services of a branch; empty: it has none. Platforms call it SVC-INSURE, of 顺丰 INSURE;
 * valinsPay is the field of 快递100.
 */
export const insuranceOf = (services: readonly CourierService[]): string =>
  services.find(({ code }) => ['SVC-INSURE', 'INSURE', 'valinsPay'].includes(code))?.code ?? ''

/**
 * Returns the code of delivery to the door (送货上门) among the services of a branch; empty: it has none. Each courier has a code of its own,
 * so it is known by its name. 上门取件 is another service.
 */
export const toDoorOf = (services: readonly CourierService[]): string =>
  services.find(({ name }) => /送货上门|派送上门|上门派送|按需派送/.test(name))?.code ?? ''

/** Returns the code of cash on delivery (代收货款). Where the services are not known, it is the code of most couriers. */
export const cashOnDeliveryOf = (services: readonly CourierService[]): string =>
  services.find(({ code }) => ['SVC-COD', 'COD'].includes(code))?.code ?? 'SVC-COD'
