// Two guests ask a server for the last room; the server asks its book in between.
import { setTimeout as sleep } from 'node:timers/promises';

const rooms = new Set(['12']);
const booked = [];

async function book(guest) {
  const room = [...rooms][0];
  if (room === undefined) return;
  await sleep(3); // the mistake
  rooms.delete(room);
  booked.push(guest);
}

async function guest(name) {
  await sleep(Math.random() * 60);
  await book(name);
}

await Promise.all([guest('ann'), guest('bob')]);
if (booked.length > 1) throw new Error('one room, two guests');
