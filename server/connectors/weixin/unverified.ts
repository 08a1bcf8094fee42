// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/**
 * `order_id` of order/deliveryinfo/update. Its page says number, those of all other calls say text, and the numbers of orders have more digits
 * than JSON numbers keep.
 */
export const changedOrder = (tid: string): string => tid
