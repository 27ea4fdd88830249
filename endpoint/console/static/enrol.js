// The code stands after the # of the address, which no server sees: shown here so that it can be copied.
if (location.hash.length > 1) document.getElementById("link").textContent = location.href;
