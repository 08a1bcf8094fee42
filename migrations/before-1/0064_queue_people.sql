-- Keyed hashes by which a row of the queue is found by nick and by receiver; the texts themselves stay masked.
alter table download_queue
  add column buyer_hash bigint,
  add column receiver_hash bigint;
