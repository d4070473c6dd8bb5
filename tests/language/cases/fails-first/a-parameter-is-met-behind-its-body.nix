(bread05: { apple05 = throw "apple05"; bread05 = throw "bread05"; }) 1
